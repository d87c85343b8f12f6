require ["vacation", "vacation-seconds", "envelope", "subaddress", "editheader"];
if envelope :user "to" "away" {
  # Dovecot answers no mail of a list; Exchange and many others do, and that is what we want to see.
  deleteheader "List-Id";
  deleteheader "List-Unsubscribe";
  deleteheader "List-Unsubscribe-Post";
  vacation :seconds 0 :subject "Out of office" "I am on leave until 16 March. For urgent matters call reception.";
}
