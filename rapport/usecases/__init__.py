"""What several doors share: enroll, intake, claim a send, publish."""
