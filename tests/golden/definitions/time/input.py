from services.time.definition import Time

SERVICES = (
    Time(
        servers=("ntp.example", "192.0.2.123", "2001:db8::123"),
        serve=("192.168.1.0/24", "fd00::/8"),
    ),
    Time(name="client"),
)
