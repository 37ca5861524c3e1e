# SPDX-License-Identifier: GPL-2.0
#
# make help says what there is.

KDIR ?= /lib/modules/$(shell uname -r)/build

# O=, where given, is the kernel's; the module is built in this folder.
KMAKE := $(MAKE) -C $(KDIR) M=$(CURDIR)
ifdef DEBUG
KMAKE += DEBUG=y
endif

all: modules

modules modules_install: headers
	$(KMAKE) $@

clean:
	$(if $(wildcard $(KDIR)/Makefile),$(KMAKE) clean,\
		$(RM) -r *.o *.ko *.mod *.mod.c .*.cmd .*.d core/*.o core/.*.cmd \
		Module.symvers modules.order .tmp_versions)

headers:
	@test -e $(KDIR)/Makefile || { \
	echo "No kernel headers in $(KDIR)." >&2; \
	echo "Install the package linux-headers-$$(uname -r) (Debian, Ubuntu) or kernel-devel-$$(uname -r)" >&2; \
	echo "(Fedora, RHEL), or say where a configured kernel tree is: make KDIR=/path/to/it" >&2; \
	exit 1; }

check:
	scripts/check

help:
	@echo "make                  build oomwatch.ko for the running kernel"
	@echo "make KDIR=TREE        ... for the kernel whose headers or build tree is TREE"
	@echo "make DEBUG=1          ... with a self-check of the ring at load"
	@echo "make modules_install  install it under /lib/modules (INSTALL_MOD_PATH= prefixes)"
	@echo "make clean            remove what was built"
	@echo "make check            run the tests in QEMU (scripts/check)"

.PHONY: all modules modules_install clean headers check help
