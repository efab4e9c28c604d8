from services.model import Site, User

PRIVATE = """-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ
-----END OPENSSH PRIVATE KEY-----
"""

SITE = Site(
    hostname="box",
    services=(),
    users=(
        User(
            name="root",
            keys=(
                "/home/me/.ssh/id_ed25519.pub",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDz... me@laptop",
                PRIVATE,
            ),
        ),
        User(name="anna", password="tulips"),
        User(name="anna"),
    ),
)
