from own import Script
from services.model import Program, Site

script = Script(name="script", program="firewal")
other = Script(name="other", program="python3", file="/etc/other")

SITE = Site(hostname="box", services=(script, other))
