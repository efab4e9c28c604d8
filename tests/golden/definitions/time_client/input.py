from services.time.definition import Time

SERVICES = (Time(name="client"),)
