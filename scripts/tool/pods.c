// SPDX-License-Identifier: GPL-2.0
/*
 * Names of containers and pods, by the IDs that a cgroup's path has: from the files of this
 * machine that container runtimes and the kubelet keep while a container is there, and from the
 * store, where oomwatch record keeps those that it has looked up.
 *
 * IDs are hexadecimal digits, so they name no other files. Files are read up to a bound, below the
 * root whatever symbolic links they are, and of names only those that Kubernetes allows are taken.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kill.h"
#include "tool.h"

#define MOST_BYTES (4 << 20)

/* --- files below the root ------------------------------------------------------------------- */

/* In a container this is where the host's files are. */
static const char *root_path(void)
{
	const char *path = getenv("OOMWATCH_ROOT");

	return path && *path ? path : "/";
}

static int open_below(const char *path, int flags)
{
	struct open_how how = {
		.flags = flags | O_RDONLY | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int root = open(root_path(), O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (root < 0)
		return -1;
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	close(root);
	return fd;
}

/* NULL: there is no such file, or none of a size that such files have. */
static struct json_object *read_json(const char *path)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = NULL;
	int fd = open_below(path, O_NOFOLLOW);
	char *text = NULL;
	struct stat st;
	size_t len;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		text = file_text(fd, MOST_BYTES, &len);
	/* With its end: a number at the end of the text is not complete without it. */
	if (text)
		object = json_tokener_parse_ex(tokener, text, len + 1);
	free(text);
	if (fd >= 0)
		close(fd);
	json_tokener_free(tokener);
	return object;
}

/* --- names ------------------------------------------------------------------------------ */

static bool is_letter(char c)
{
	return isascii(c) && isalnum(c);
}

/* As Kubernetes and Docker allow: anything else is somebody else's. */
static bool is_name(const char *text, size_t len)
{
	size_t i;

	if (!len || len >= sizeof(((struct pod_names *)NULL)->pod))
		return false;
	for (i = 0; i < len; i++)
		if (!is_letter(text[i]) && text[i] != '-' && text[i] != '.' && text[i] != '_')
			return false;
	return is_letter(*text);
}

static bool take_name(char *to, const char *text, size_t len)
{
	if (!is_name(text, len))
		return false;
	snprintf(to, sizeof(((struct pod_names *)NULL)->pod), "%.*s", (int)len, text);
	return true;
}

static bool take_string(char *to, struct json_object *from, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(from, key, &value) &&
		json_object_is_type(value, json_type_string) &&
		take_name(to, json_object_get_string(value), json_object_get_string_len(value));
}

/* The names of a pod count only if all three are there. */
static bool take_names(struct pod_names *to, struct json_object *from, const char *namespace,
		       const char *pod, const char *container)
{
	struct pod_names found = { };

	if (!take_string(found.namespace, from, namespace) ||
	    !take_string(found.pod, from, pod) || !take_string(found.container, from, container))
		return false;
	*to = found;
	return true;
}

/* The labels that the kubelet gives a container. */
static bool take_labels(struct pod_names *to, struct json_object *labels)
{
	return take_names(to, labels, "io.kubernetes.pod.namespace", "io.kubernetes.pod.name",
			  "io.kubernetes.container.name");
}

/* --- runtimes --------------------------------------------------------------------------- */

static bool of_containerd(struct pod_names *to, const char *id)
{
	struct json_object *config, *annotations;
	bool found;

	config = read_json(format_words("run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
					id));
	found = json_object_object_get_ex(config, "annotations", &annotations) &&
		take_names(to, annotations, "io.kubernetes.cri.sandbox-namespace",
			   "io.kubernetes.cri.sandbox-name", "io.kubernetes.cri.container-name");
	json_object_put(config);
	return found;
}

/* It has the labels as text, in an annotation. */
static bool of_crio(struct pod_names *to, const char *id)
{
	struct json_object *config, *annotations, *text, *labels = NULL;
	bool found = false;

	config = read_json(format_words("run/containers/storage/overlay-containers/%s/userdata/config.json",
					id));
	if (json_object_object_get_ex(config, "annotations", &annotations) &&
	    json_object_object_get_ex(annotations, "io.kubernetes.cri-o.Labels", &text) &&
	    json_object_is_type(text, json_type_string))
		labels = json_tokener_parse(json_object_get_string(text));
	if (labels)
		found = take_labels(to, labels);
	json_object_put(labels);
	json_object_put(config);
	return found;
}

/* A container of no pod has only a name of its own, which begins with a slash. */
static bool of_docker(struct pod_names *to, const char *id)
{
	struct json_object *config, *inner, *labels, *name;
	const char *text;
	size_t slash;
	bool found;

	config = read_json(format_words("var/lib/docker/containers/%s/config.v2.json", id));
	found = json_object_object_get_ex(config, "Config", &inner) &&
		json_object_object_get_ex(inner, "Labels", &labels) && take_labels(to, labels);
	if (!found && json_object_object_get_ex(config, "Name", &name) &&
	    json_object_is_type(name, json_type_string)) {
		text = json_object_get_string(name);
		slash = *text == '/';
		found = take_name(to->container, text + slash,
				  json_object_get_string_len(name) - slash);
	}
	json_object_put(config);
	return found;
}

/* --- logs of the kubelet ------------------------------------------------------------------ */

/* Calls take() for each name in a folder, until it has found what it looks for. */
static bool search_folder(const char *path, const char *wanted, struct pod_names *to,
			  bool (*take)(struct pod_names *to, const char *name, const char *wanted))
{
	int fd = open_below(path, O_DIRECTORY);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!folder && fd >= 0)
		close(fd);
	if (!folder)
		return false;
	while (!found && (entry = readdir(folder)))
		found = take(to, entry->d_name, wanted);
	closedir(folder);
	return found;
}

/* POD_NAMESPACE_CONTAINER-ID.log: no name has an underscore. */
static bool take_log(struct pod_names *to, const char *name, const char *id)
{
	const char *namespace = strchr(name, '_'), *container, *end;
	struct pod_names found = { };

	container = namespace ? strchr(namespace + 1, '_') : NULL;
	end = container ? strrchr(container, '-') : NULL;
	if (!end || strncmp(end + 1, id, 64) || strcmp(end + 65, ".log") ||
	    !take_name(found.pod, name, namespace - name) ||
	    !take_name(found.namespace, namespace + 1, container - namespace - 1) ||
	    !take_name(found.container, container + 1, end - container - 1))
		return false;
	*to = found;
	return true;
}

/* NAMESPACE_POD_UID */
static bool take_pod(struct pod_names *to, const char *name, const char *uid)
{
	const char *pod = strchr(name, '_'), *end = pod ? strchr(pod + 1, '_') : NULL;
	struct pod_names found = { };

	if (!end || strcmp(end + 1, uid) || !take_name(found.namespace, name, pod - name) ||
	    !take_name(found.pod, pod + 1, end - pod - 1))
		return false;
	*to = found;
	return true;
}

/* --- the store ---------------------------------------------------------------------------- */

/* Its file "names" has lines of an ID or uid, namespace, pod and container. */
static const char kept[] = "names";

static bool take_kept(struct pod_names *to, const char *line, const char *key)
{
	char id[65], namespace[256], pod[256], container[256];
	struct pod_names found = { };

	/* Nearly all lines are of another one, and sscanf() is slow. */
	if (strncmp(line, key, strlen(key)) ||
	    sscanf(line, "%64s %255s %255s %255s", id, namespace, pod, container) != 4 ||
	    strcmp(id, key))
		return false;
	/* One that is not known is written as a dash. */
	take_name(found.namespace, namespace, strlen(namespace));
	take_name(found.pod, pod, strlen(pod));
	take_name(found.container, container, strlen(container));
	*to = found;
	return true;
}

static bool search_kept(struct pod_names *to, const char *key, bool older)
{
	FILE *file = store_lines(kept, older);
	bool found = false;
	char line[1024];

	while (file && !found && fgets(line, sizeof(line), file))
		found = take_kept(to, line, key);
	if (file)
		fclose(file);
	return found;
}

static const char *or_dash(const char *name)
{
	return *name ? name : "-";
}

static void keep(const struct pod_names *names, const char *key)
{
	store_add_line(kept, format_words("%s %s %s %s\n", key, or_dash(names->namespace),
					  or_dash(names->pod), or_dash(names->container)));
}

/* --- what is known ------------------------------------------------------------------------- */

/* What a runtime keeps is its own; the logs' folder may be given to containers. */
static bool search_files(struct pod_names *to, const struct container *container)
{
	if (container->runtime && strlen(container->id) == 64 &&
	    (of_containerd(to, container->id) || of_crio(to, container->id) ||
	     of_docker(to, container->id) ||
	     search_folder("var/log/containers", container->id, to, take_log)))
		return true;
	return container->pod[0] && search_folder("var/log/pods", container->pod, to, take_pod);
}

static void look_up(struct pod_names *to, const struct container *container, const char *key)
{
	struct pod_names old = { };
	bool found, is_old;

	words_scope();
	found = search_files(to, container);
	is_old = search_kept(&old, key, false) || search_kept(&old, key, true);
	if (!found)
		*to = old;
	else if (store_is_kept() && !is_old)
		keep(to, key);
}

/* The names that are known; those that are not are empty. */
struct pod_names names_of(const struct container *container)
{
	static struct known {
		char id[65], pod[40];
		struct pod_names names;
	} all[256];
	const char *c, *key = container->runtime ? container->id : container->pod;
	unsigned int hash = 0;
	struct known *known;

	if (!container->runtime && !container->pod[0])
		return (struct pod_names) { };
	for (c = key; *c; c++)
		hash = 31 * hash + *c;
	known = &all[hash % 256];
	if (strcmp(known->id, container->id) || strcmp(known->pod, container->pod)) {
		*known = (struct known) { };
		strcpy(known->id, container->id);
		strcpy(known->pod, container->pod);
		look_up(&known->names, container, key);
	}
	return known->names;
}
