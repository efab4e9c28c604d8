from own import Script
from services.model import Site

signer = Script(name="signer")
told = Script(name="told", env=signer.outputs.token.value(), file="/etc/told")
asked = Script(name="asked", needs=signer.outputs.token.equals("1234"), file="/etc/asked")

SITE = Site(hostname="box", services=(signer, told, asked))
