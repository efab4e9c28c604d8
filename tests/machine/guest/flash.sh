# Images on flash: each is written as its owner would, mounted, listed, changed, and mounted again.
# shellcheck shell=sh disable=SC2317
. /checks
LOG=/tmp/log
: >$LOG

# list NAME: all of /mnt, a line each with the mode, kind and device in hexadecimal digits, and a link's
# target behind it; then what is in the files
list() {
  cd /mnt || exit 1
  find . -mindepth 1 -exec stat -c "$1 is %f %u %g %t %T %N" {} +
  find . -type f -exec sha256sum {} + | sed "s/^/$1 has /"
  cd /
}

# change: what a router does to its root
change() {
  echo more >>/mnt/all/noise
  dd if=/dev/urandom of=/mnt/all/tmp/new bs=64k count=8 2>/dev/null
  sha256sum </mnt/all/tmp/new >/tmp/digest
  rm /mnt/all/zeros
  mv /mnt/all/bin/tool /mnt/all/bin/renamed
  umount /mnt
}
changed() {
  [ "$(tail -c 5 /mnt/all/noise)" = more ] && [ ! -e /mnt/all/zeros ] && [ -u /mnt/all/bin/renamed ] &&
    [ "$(sha256sum </mnt/all/tmp/new)" = "$(cat /tmp/digest)" ]
}
# The kernel's words about errors; jffs2 and ubifs look at checksums when they read.
silent() { ! dmesg | grep -v 'PEBs: ' | grep -iE '(jffs2|ubi|ubifs)[^a-z].*(error|warning|crc|corrupt|bad )'; }

number() { sed -n "s/^mtd\([0-9]*\):.*$1.*/\1/p" /proc/mtd; }
nor=$(number mtdram) nand=/dev/mtd$(number 'NAND simulator')
block=/dev/mtdblock$nor
mkdir /mnt

check 'jffs2 is written' dd if=/images/jffs2 of="/dev/mtd$nor" bs=128k

check 'jffs2 is mounted' mount -t jffs2 "$block" /mnt
list jffs2
check 'jffs2 takes changes' change
check 'jffs2 is mounted again' mount -t jffs2 "$block" /mnt
check 'jffs2 has kept them' changed
umount /mnt

check 'ubi is written' ubiformat "$nand" -q -y -O 2048 -f /images/ubi
check 'ubi is attached' ubiattach -O 2048 -p "$nand"
check 'ubifs is mounted' mount -t ubifs ubi0:root /mnt
list ubifs
echo "the file system has grown to $(df -m /mnt | sed -n '$s/^[^ ]* *\([0-9]*\).*/\1/p') MiB of 64"
check 'ubifs takes changes' change
check 'ubi is detached' ubidetach -p "$nand"
check 'ubi is attached again' ubiattach -O 2048 -p "$nand"
check 'ubifs is mounted again' mount -t ubifs ubi0:root /mnt
check 'ubifs has kept them' changed
umount /mnt
check 'the kernel found no fault' silent
echo 'ok all'
