from services.daemon.definition import Daemon
from services.health.definition import Check, connects, ping
from services.watchdog.definition import Watchdog

web = Daemon(name="web", run=("busybox", "httpd", "-f", "-p", "8080"))
local = Check(name="local", run=ping("127.0.0.1"), interval=10, timeout=5, failures=6, restart=web)
says = Check(name="says", run=("busybox", "true"), user="nobody")
served = Check(name="served", run=connects("127.0.0.1", 8080), needs=web.ready)
SERVICES = (
    web,
    local,
    says,
    served,
    Watchdog(services=(web, served), driver=("softdog",), timeout=30, grace=600),
)
