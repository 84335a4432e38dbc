"""How files leave: SFTP, S3, e-mail, signed webhooks. Nothing here knows tables."""
