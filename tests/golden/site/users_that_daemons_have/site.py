from own import Script
from services.dns.definition import Dns
from services.model import File, Site, User

dns = Dns(upstream=())
script = Script(name="script", user="scrpit")

SITE = Site(
    hostname="box",
    services=(dns, script),
    users=(User(name="dnsmasq"), User(name="script")),
    files=(File("/home/anna/notes", "none", owner="anna"),),
)
