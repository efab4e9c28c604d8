from own import Script
from services.model import Site, link

clock = Script(name="clock")
state = clock.outputs.state
both = Script(name="both", needs=state.equals("idle") & state.equals("busy"), file="/etc/both")
other = Script(name="other", needs=state.equals("ready"), file="/etc/other")
down = Script(name="down", needs=link("eth0", "runing"), file="/etc/down")
words = Script(name="words", needs=state.present and link("eth0"), file="/etc/words")
bare = Script(name="bare", needs=state & link("eth0"), file="/etc/bare")

SITE = Site(hostname="box", services=(clock, both, other, down, words, bare))
