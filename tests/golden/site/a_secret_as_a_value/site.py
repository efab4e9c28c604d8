from own import Radio
from services.model import Secret, Site

radio = Radio(name="radio", ssid="home", country="DE", passphrase="correct horse battery")
guest = Radio(name="guest", ssid="guest", country="DE", passphrase=Secret(name="gest"))

SITE = Site(hostname="router", services=(radio, guest), secrets=(Secret(name="guest"),))
