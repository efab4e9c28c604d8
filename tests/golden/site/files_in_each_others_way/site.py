from own import Script
from services.model import Debian, File, Folder, Site

first = Script(name="first", text="#!/bin/sh\necho first\n")
second = Script(name="second", text="#!/bin/sh\necho second\n")

SITE = Site(
    hostname="box",
    services=(first, second),
    files=(
        File("/run/motd", "hello\n"),
        File("etc/motd", "hello\n"),
        File("/etc/motd", "hello\n", mode=644),
        File("/etc/hello", "hello\n", mode="0644"),
        File("/etc/scripts/run/more", "hello\n"),
        Folder("/etc/motd"),
    ),
    packages=(Debian("tcpdump", ("/usr/bin/tcpdump",)),),
)
