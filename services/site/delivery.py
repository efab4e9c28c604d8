"""The unit that delivers secrets to a service: services/secrets has the program that it runs."""

from collections.abc import Iterable

from firewall.ruleset.model import Where
from services.site.conditions import ServiceIs
from services.site.unit import Unit, longrun


def delivery(
    service: str, form: str, secrets: Iterable[str], configuration: str = "", *,
    user: str = "", signal: str = "", description: str, where: Where,
) -> tuple[Unit, ServiceIs]:  # fmt: skip
    """The unit `SERVICE-secret`, and the condition that the service is to have.

    form, configuration: services/secrets/README.md. user: who the service runs as, "" for root.
    signal: what has it read its secrets again; "": it starts anew. The unit runs while the service
    is wanted, so a stopped one leaves no secret behind.
    """
    signalled = ("-s", signal) if signal else ()
    owned = ("-u", user) if user else ()
    base = (configuration,) if configuration else ()
    unit = longrun(
        f"{service}-secret",
        *("with_secret", "-w", *signalled, *owned, form, *dict.fromkeys(secrets), *base, service),
        stop=("with_secret", "-r", service),
        notify=True,
        up_timeout=0,  # until the secrets are there
        on_demand=True,
        description=description,
        where=where,
    )
    return unit, ServiceIs(unit.name, where=where)
