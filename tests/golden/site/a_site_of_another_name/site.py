from services.model import Site

site = Site(hostname="box", services=())
