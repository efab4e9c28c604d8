from services.model import Module, Site, Sysctl

SITE = Site(
    hostname="box",
    services=(),
    sysctls=(
        Sysctl("net.ipv4.ip_forward", "1"),
        Sysctl("/proc/sys/net/core/somaxconn", "1024"),
        Sysctl("network/core/somaxconn", "1024"),
        Sysctl("vm/swappiness", 10),
        Sysctl("kernel/panic", "5"),
        Sysctl("kernel/panic", "10"),
    ),
    modules=(Module("drivers/net/ppp/pppoe.ko"),),
    time_zone="Europe/San Marino",
)
