from own import Radio
from services.model import Secret, Site

passphrase = Secret(name="wlan")
radio = Radio(name="radio", ssid="home", passphrase=passphrase)
second = Radio(name="second", ssid="guest", country="Germany", passphrase=passphrase)

SITE = Site(hostname="router", services=(radio, second), secrets=(passphrase,))
