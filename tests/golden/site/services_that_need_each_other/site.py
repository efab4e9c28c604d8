from own import Script
from services.model import Service, Site

late = Service(name="late")
first = Script(name="first", needs=late.ready)
second = Script(name="second", needs=first.outputs.state.present, file="/etc/scripts/second")
late = Script(name="late", env=second.outputs.state.value(), file="/etc/scripts/late")

SITE = Site(hostname="box", services=(first, second, late))
