from services.daemon.definition import Daemon
from services.model import Secret

door = Secret(name="door", lines=True)
key = Secret(name="key")
SERVICES = (
    Daemon(name="web", run=("/bin/web",), secrets=(door, key), user="_web", account=True),
    Daemon(name="club", run=("/bin/club",), secrets=(door,), changed="signal HUP"),
)
