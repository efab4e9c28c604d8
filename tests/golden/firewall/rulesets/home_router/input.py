from firewall.stock.home_router import home_router

FIREWALL = home_router()
