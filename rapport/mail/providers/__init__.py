"""Events of mail providers: one adapter each, from a signed call to what happened to our mails."""
