// SPDX-License-Identifier: GPL-2.0
/* Finds the container or the systemd unit that a cgroup belongs to, from the cgroup's path. */
#include <ctype.h>
#include <string.h>

#include "kill.h"
#include "tool.h"

/* The characters of its uid that a pod's short name has, one of them a dash. */
#define POD_DIGITS 13

/* Prefixes that runtimes put before a container's ID, of 64 hexadecimal digits. */
static const struct prefix {
	const char *prefix, *runtime;
} prefixes[] = {
	{ "docker-", "docker" },		/* systemd's driver: docker-ID.scope */
	{ "cri-containerd-", "containerd" },
	{ "cri-containerd:", "containerd" },
	{ "nerdctl-", "containerd" },
	{ "crio-", "cri-o" },
	{ "crio:", "cri-o" },
	{ "libpod-", "podman" },
	{ "", NULL },				/* cgroupfs driver: by the parent's name */
};

static size_t hex_digits(const char *s)
{
	size_t n = 0;

	while (isdigit((unsigned char)s[n]) || (s[n] >= 'a' && s[n] <= 'f'))
		n++;
	return n;
}

bool is_slice_name(const char *name) { return ends_with(name, ".slice"); }

bool is_unit_name(const char *name)
{
	return ends_with(name, ".service") || ends_with(name, ".scope");
}

/* pod1234_5678... of kubepods-burstable-pod1234_5678....slice, or pod1234-5678... */
static void find_pod(struct container *to, const char *name)
{
	const char *pod = strstr(name, "-pod");
	size_t i;

	if (!strncmp(name, "pod", 3))
		pod = name + 3;
	else if (pod && is_slice_name(name))
		pod += 4;
	else
		return;
	if (strcspn(pod, ".") != 36 && strcspn(pod, ".") != 32)
		return;
	for (i = 0; pod[i] && pod[i] != '.'; i++) {
		if (!isxdigit((unsigned char)pod[i]) && pod[i] != '_' && pod[i] != '-')
			return;
		to->pod[i] = pod[i] == '_' ? '-' : pod[i];
	}
	to->pod[i] = '\0';
}

static bool find_id(struct container *to, const char *name, const char *above)
{
	const struct prefix *p;
	size_t len;

	for (p = prefixes; ; p++) {
		len = strlen(p->prefix);
		if (strncmp(name, p->prefix, len))
			continue;
		if (hex_digits(name + len) == 64 &&
		    (!name[len + 64] || !strcmp(name + len + 64, ".scope")))
			break;
		if (!p->runtime)
			return false;
	}
	memcpy(to->id, name + len, 64);
	to->id[64] = '\0';
	to->runtime = p->runtime ?: !strcmp(above, "docker") ? "docker" :
		!strncmp(above, "libpod", 6) ? "podman" : to->pod[0] ? "cri" : "container";
	return true;
}

/* systemd writes \x2d for a dash, and words_escaped() doubles the backslash. */
static void copy_name(char *to, size_t room, const char *from, size_t len)
{
	static const char dash[] = "\\\\x2d";
	size_t n = 0, i;

	for (i = 0; i < len && n < room - 1; i++) {
		to[n] = from[i];
		if (i + strlen(dash) <= len && !strncmp(from + i, dash, strlen(dash))) {
			to[n] = '-';
			i += strlen(dash) - 1;
		}
		n++;
	}
	to[n] = '\0';
}

static bool find_name(struct container *to, const char *name, const char *prefix,
		      const char *runtime)
{
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) || !name[len])
		return false;
	to->runtime = runtime;
	copy_name(to->id, sizeof(to->id), name + len, strcspn(name + len, "."));
	return true;
}

/* The name is as words_escaped() has it. Of a unit, backslashes are not doubled. */
static void copy_unit(struct container *to, const char *name)
{
	size_t n = 0;

	for (; *name && n < sizeof(to->unit) - 1; name++) {
		if (*name == '\\' && (name[1] == '\\' || name[1] == '"'))
			name++;
		to->unit[n++] = *name;
	}
	to->unit[n] = '\0';
}

/* user-1000.slice */
static void find_user(struct container *to, const char *name)
{
	size_t digits = strncmp(name, "user-", 5) ? 0 : strspn(name + 5, "0123456789");

	if (digits && digits < sizeof(to->user) && !strcmp(name + 5 + digits, ".slice"))
		snprintf(to->user, sizeof(to->user), "%.*s", (int)digits, name + 5);
}

/* LXC before 4.0, and Proxmox, have a cgroup for all containers: /lxc/NAME, /lxc.payload/NAME. */
static bool is_lxc(const char *above)
{
	return !strcmp(above, "lxc") || !strcmp(above, "lxc.payload");
}

/* Returns whether it is what the cgroup is called by. */
static bool look_at(struct container *to, const char *name, const char *above)
{
	bool is_unit = is_unit_name(name) && strncmp(name, "init.scope", 10), is_named;
	struct container pod = { };

	find_pod(&pod, name);
	to->is_pod = pod.pod[0];
	if (to->is_pod) {
		strcpy(to->pod, pod.pod);
		/* Forgets the container and the unit that the pod is in. */
		to->runtime = NULL;
		to->id[0] = '\0';
		to->unit[0] = '\0';
	}
	find_user(to, name);
	/* A container's cgroup, such as docker-ID.scope, is not shown as a unit. */
	if (find_id(to, name, above))
		return true;
	is_named = find_name(to, name, "lxc.payload.", "lxc") ||
		(is_lxc(above) && find_name(to, name, "", "lxc")) ||
		find_name(to, name, "machine-", "machine");
	if (is_unit)
		copy_unit(to, name);
	return is_named || (is_unit && !to->runtime);
}

/* A part of the path. Some runtimes have SLICE:RUNTIME:ID in one. */
static void look_at_part(struct container *to, char *name, const char *above, const char *path)
{
	char *joined = strstr(name, ".slice:");

	if (joined) {
		joined += strlen(".slice");
		*joined = '\0';
		look_at_part(to, name, above, path);
		look_at_part(to, joined + 1, name, path);
		return;
	}
	if (look_at(to, name, above))
		to->end = name + strlen(name) - path;
	if (to->is_pod)
		to->pod_end = name + strlen(name) - path;
}

/* Walks the path from the root down: the innermost container and the innermost unit win. */
struct container container_of_path(struct bytes path)
{
	struct container found = { };
	char text[4096], *name, *next;
	const char *above = "";
	size_t len = 0;

	words_scope();
	if (!path.at)
		return found;
	/* No runtime uses bytes that need escaping, so an escaped name matches none. */
	snprintf(text, sizeof(text), "%s", words_escaped(path));
	for (name = text; name; name = next) {
		next = strchr(name, '/');
		if (next)
			*next++ = '\0';
		if (*name) {
			look_at_part(&found, name, above, text);
			above = name;
			len = name + strlen(name) - text;
		}
	}
	found.is_below = found.end < len;
	return found;
}

/* The first digits of an ID, or a whole name. */
static const char *words_short_id(const struct container *container)
{
	return hex_digits(container->id) == 64 ? format_words("%.12s", container->id) :
		container->id;
}

/* In a pod whose name is known. */
static const char *words_in_pod(struct bytes path, const struct container *container,
				const struct pod_names *names)
{
	const char *pod = format_words("%s/%s", names->namespace, names->pod);

	if (names->container[0])
		return format_words("%s/%s", pod, names->container);
	if (container->runtime)
		return format_words("%s/%s", pod, words_short_id(container));
	return format_words("%s%s", pod, words_escaped(path) + container->pod_end);
}

/*
 * A short name of the cgroup for people: its container, else its unit, else its pod and the path
 * in that, else its path.
 */
static const char *words_called(struct bytes path, const struct container *container)
{
	struct pod_names names;

	if (!path.at)
		return "-";
	names = names_of(container);
	if (names.pod[0] && (container->runtime || !container->unit[0]))
		return words_in_pod(path, container, &names);
	if (container->runtime && names.container[0])
		return format_words("%s:%s", container->runtime, names.container);
	if (container->runtime)
		return format_words("%s:%s", container->runtime, words_short_id(container));
	/* Each user may have a unit of that name. */
	if (container->unit[0] && container->user[0] && strncmp(container->unit, "user@", 5))
		return format_words("user-%s:%s", container->user, container->unit);
	if (container->unit[0])
		return format_words("%s", container->unit);
	if (container->pod[0])
		return format_words("pod:%.*s%s", POD_DIGITS, container->pod,
				    words_escaped(path) + container->pod_end);
	return words_escaped(path);
}

const char *words_place(struct bytes path)
{
	struct container container = container_of_path(path);

	return words_called(path, &container);
}

const char *words_whole_place(struct bytes path)
{
	struct container container = container_of_path(path);
	const char *called = words_called(path, &container);

	if (!container.is_below || !(container.runtime || container.unit[0]))
		return called;
	return format_words("%s%s", called, words_escaped(path) + container.end);
}

/* Its limit is what the kubelet does not reserve for others. */
bool is_of_all_pods(struct bytes path)
{
	const char *name = path.at ? strrchr(words_escaped(path), '/') : NULL;

	return name && (!strcmp(name, "/kubepods") || !strcmp(name, "/kubepods.slice"));
}

/* What sets the limit of memory of a cgroup, so that a new one lasts; "" if that is not known. */
const char *words_limit_setting(struct bytes path)
{
	struct container container;
	const char *name;

	if (!path.at)
		return "";
	container = container_of_path(path);
	name = strrchr(words_escaped(path), '/');
	name = name ? name + 1 : "";
	if (container.runtime && strstr(name, container.id)) {
		if (container.pod[0])
			return "resources.limits.memory of the container in its pod's spec";
		if (!strcmp(container.runtime, "docker") || !strcmp(container.runtime, "podman"))
			return format_words("%s update --memory, and --memory-swap with it",
					    container.runtime);
		return "";
	}
	if (container.is_pod)
		return "resources.limits.memory in the pod's spec";
	if (is_unit_name(name) || is_slice_name(name))
		return strncmp(name, "kubepods-", 9) ? "MemoryMax= of the unit" : "";
	return "";
}

/* The names first: they say more to people than the IDs. */
static const char *words_named(const struct container *container, const struct pod_names *names)
{
	const char *which = names->container[0] ?
		format_words("the container %s%s", names->container, names->pod[0] ? " of " : "") :
		container->is_pod || (container->runtime && !container->is_below) ? "" : "in ";
	const char *pod = !names->pod[0] ? "" :
		format_words("the pod %s of namespace %s", names->pod, names->namespace);
	const char *id = !container->runtime ? "" :
		format_words("%s %s%s", container->runtime, container->id,
			     container->pod[0] ? ", " : "");

	return format_words(", which is %s%s (%s%s%s)", which, pod, id,
			    container->pod[0] ? "uid " : "", container->pod);
}

const char *words_container(struct bytes path)
{
	struct container container = container_of_path(path);
	struct pod_names names = names_of(&container);
	const char *in = container.is_below ? "in " : "";

	if (names.pod[0] || names.container[0])
		return words_named(&container, &names);
	if (container.runtime)
		return format_words(", which is %s%s %s%s%s", in, container.runtime, container.id,
				    container.pod[0] ? " of pod " : "", container.pod);
	if (container.unit[0] && container.user[0])
		return format_words(", which is %s%s of user %s", in, container.unit,
				    container.user);
	if (container.unit[0])
		return format_words(", which is %s%s", in, container.unit);
	if (container.pod[0])
		return format_words(", which is %spod %s", container.is_pod ? "" : "in ",
				    container.pod);
	if (container.user[0])
		return format_words(", which is of user %s", container.user);
	return "";
}
