# SPDX-License-Identifier: GPL-2.0
#
# "make help" lists the targets.

KDIR ?= /lib/modules/$(shell uname -r)/build

# O= on the command line is for the kernel's makefiles; the module is built in this folder.
KMAKE := $(MAKE) -C $(KDIR) M=$(CURDIR)
ifdef DEBUG
KMAKE += DEBUG=y
endif
ifdef GCOV
KMAKE += GCOV=y
endif

all: modules tool manual

modules: headers
	$(KMAKE) $@

# The kernel's makefile runs depmod only where KDIR has a System.map, which Debian's headers lack.
DEPMOD ?= depmod
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)

modules_install: headers
	$(KMAKE) $@
	PATH="$$PATH:/usr/sbin:/sbin" $(DEPMOD) -b "$(INSTALL_MOD_PATH)/" "$(RELEASE)"

# The program that reads the records. LDFLAGS=-static makes one without shared libraries, for
# an initramfs.
TOOL := scripts/oomwatch
# The version of the program is that of the module.
TOOL_VERSION := $(shell sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' oomwatch.c)
TOOL_CFLAGS := -std=gnu11 -Wall -Wextra -fwrapv -D_GNU_SOURCE -D__SANE_USERSPACE_TYPES__ -I. -Iscripts/tool \
	-DVERSION='"$(TOOL_VERSION)"'
TOOL_SOURCES := $(wildcard scripts/tool/*.c)
CFLAGS ?= -O2 -g
# Compressed dumps are read if the library for them is there.
KDUMPFILE = $(shell echo 'int main(void) { return !kdump_new(); }' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -include libkdumpfile/kdumpfile.h -x c - \
		-o $(TOOL).probe -lkdumpfile 2>/dev/null && echo -DHAVE_LIBKDUMPFILE -lkdumpfile; \
	rm -f $(TOOL).probe)
LIBRARIES = -ljson-c $(KDUMPFILE)

tool: $(TOOL)

$(TOOL): $(TOOL_SOURCES) $(wildcard scripts/tool/*.h core/*.h) scripts/tool/html.css oomwatch.h oomwatch.c
	@printf '#include <json-c/json.h>\n' | $(CC) $(CPPFLAGS) $(CFLAGS) -E - >/dev/null 2>&1 || { \
	echo "No headers of json-c, which scripts/oomwatch is built with." >&2; \
	echo "Install the package libjson-c-dev (Debian, Ubuntu) or json-c-devel (Fedora, RHEL);" >&2; \
	echo "for the module alone: make modules" >&2; \
	exit 1; }
	$(CC) $(CPPFLAGS) $(CFLAGS) $(TOOL_CFLAGS) $(LDFLAGS) -o $@ $(TOOL_SOURCES) $(LIBRARIES)

# The manual of files, knobs and records. Its tables are made from the module's sources.
MANUAL := scripts/tool/oomwatch.5

manual: $(MANUAL)

$(MANUAL): scripts/tool/oomwatch.5.in scripts/tool/manual scripts/tool/rows oomwatch.c $(wildcard core/*.[ch])
	CC="$(CC)" scripts/tool/manual >"$@"

.DELETE_ON_ERROR:

# The program, its unit, the manuals and examples; modules_install is for the module. Distributions
# differ in where programs of root, units, and completions of zsh are.
PREFIX ?= /usr/local
SBIN_DIR ?= $(PREFIX)/sbin
UNIT_DIR ?= $(PREFIX)/lib/systemd/system
ZSH_DIR ?= $(PREFIX)/share/zsh/site-functions
INSTALLED_TOOL := $(DESTDIR)$(SBIN_DIR)/oomwatch
INSTALLED_PAGE := $(DESTDIR)$(PREFIX)/share/man/man8/oomwatch.8
INSTALLED_MANUAL := $(DESTDIR)$(PREFIX)/share/man/man5/oomwatch.5
INSTALLED_COMPLETION := $(DESTDIR)$(PREFIX)/share/bash-completion/completions/oomwatch
INSTALLED_ZSH := $(DESTDIR)$(ZSH_DIR)/_oomwatch
INSTALLED_FISH := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/oomwatch.fish
INSTALLED_UNIT := $(DESTDIR)$(UNIT_DIR)/oomwatch.service
INSTALLED_CATALOG := $(DESTDIR)$(PREFIX)/lib/systemd/catalog/oomwatch.catalog
INSTALLED_EXAMPLES := $(DESTDIR)$(PREFIX)/share/doc/oomwatch/examples
EXAMPLES := modules-load.conf alerts.yml $(patsubst scripts/tool/%,%,$(wildcard scripts/tool/fleet/*))

install: tool manual
	install -D -m 0755 $(TOOL) "$(INSTALLED_TOOL)"
	install -D -m 0644 scripts/tool/oomwatch.8 "$(INSTALLED_PAGE)"
	install -D -m 0644 "$(MANUAL)" "$(INSTALLED_MANUAL)"
	install -D -m 0644 scripts/tool/oomwatch.bash-completion "$(INSTALLED_COMPLETION)"
	install -D -m 0644 scripts/tool/oomwatch.zsh "$(INSTALLED_ZSH)"
	install -D -m 0644 scripts/tool/oomwatch.fish "$(INSTALLED_FISH)"
	install -D -m 0644 scripts/tool/oomwatch.service "$(INSTALLED_UNIT)"
	install -D -m 0644 scripts/tool/oomwatch.catalog "$(INSTALLED_CATALOG)"
	for file in $(EXAMPLES); do \
		install -D -m 0644 "scripts/tool/$$file" "$(INSTALLED_EXAMPLES)/$$file" || exit; \
	done
	sed -i 's|/usr/local/sbin/|$(SBIN_DIR)/|' "$(INSTALLED_UNIT)" "$(INSTALLED_PAGE)" \
		"$(INSTALLED_EXAMPLES)/fleet/oomwatch-metrics.service"

uninstall:
	$(RM) "$(INSTALLED_TOOL)" "$(INSTALLED_PAGE)" "$(INSTALLED_MANUAL)" "$(INSTALLED_COMPLETION)" \
		"$(INSTALLED_ZSH)" "$(INSTALLED_FISH)" "$(INSTALLED_UNIT)" "$(INSTALLED_CATALOG)" \
		$(patsubst %,"$(INSTALLED_EXAMPLES)/%",$(EXAMPLES))

# The module's sources, where DKMS looks for them; the version is that of dkms.conf, too.
DKMS_SOURCE := $(DESTDIR)/usr/src/oomwatch-$(TOOL_VERSION)

dkms_source:
	install -d "$(DKMS_SOURCE)/core"
	install -m 0644 Kbuild Makefile dkms.conf oomwatch.[ch] "$(DKMS_SOURCE)"
	install -m 0644 core/*.[ch] "$(DKMS_SOURCE)/core"

dkms: headers dkms_source
	# Without --force a version that is there stays, though its sources have changed.
	dkms build --force "oomwatch/$(TOOL_VERSION)" -k "$(RELEASE)"
	dkms install --force "oomwatch/$(TOOL_VERSION)" -k "$(RELEASE)"

clean:
	$(RM) $(TOOL) $(MANUAL)
	$(if $(wildcard $(KDIR)/Makefile),$(KMAKE) clean,\
		$(RM) -r *.o .*.o *.ko *.mod *.mod.c .*.cmd .*.d core/*.o core/*.gcno core/.*.cmd \
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
	@echo "make                  build the module for the running kernel, the program and its manual"
	@echo "make KDIR=TREE        ... for the kernel whose headers or build tree is TREE"
	@echo "make DEBUG=1          ... with a self-check of the ring at load"
	@echo "make modules          build oomwatch.ko, the module, alone"
	@echo "make modules GCOV=1   ... with counters of lines, for a kernel with CONFIG_GCOV_KERNEL"
	@echo "make tool             build scripts/oomwatch, the program that reads the records"
	@echo "make manual           make scripts/tool/oomwatch.5, the manual of files, knobs and records"
	@echo "make install          install program, manuals, completions, unit, examples (PREFIX=, DESTDIR=)"
	@echo "make uninstall        remove these again"
	@echo "make dkms             have DKMS build and install the module, now and for later kernels"
	@echo "make dkms_source      only copy the module's sources to where DKMS looks for them (DESTDIR=)"
	@echo "make modules_install  install the module under /lib/modules (INSTALL_MOD_PATH= prefixes)"
	@echo "make clean            remove what was built"
	@echo "make check            run the tests in QEMU (scripts/check)"

.PHONY: all modules modules_install tool manual install uninstall dkms dkms_source \
	clean headers check help
