LINKS = ["eth0", "eth1"]
NUMBERS = {"eth0": 1}
TOTAL = sum(NUMBERS[each] for each in LINKS)
