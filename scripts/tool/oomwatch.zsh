#compdef oomwatch
# SPDX-License-Identifier: GPL-2.0
#
# Completion for oomwatch(8) in zsh. The commands and options, and what they do, are those that the
# program's own --help has.

# The program as it was typed.
_oomwatch_run() { ${~words[1]} "$@" 2>/dev/null }

# Sets command; -f may stand before it.
_oomwatch_find_command()
{
	local i

	command=
	for ((i = 2; i < CURRENT; i++)); do
		case $words[i] in
		-f | --file) ((i++)) ;;
		-*) ;;
		*) command=$words[i]; return ;;
		esac
	done
}

_oomwatch_commands()
{
	local -a names

	names=(${(f)"$(_oomwatch_run --help | sed -nE 's/^  ([a-z]+)( .*)?$/\1/p')"})
	_describe -t commands command names
	compadd -- -f --help --version
}

# Whether the word before is an option that needs a value.
_oomwatch_takes_value()
{
	local last=$words[CURRENT-1]

	[[ $last != -f && $last != --file ]] || return 0
	[[ $last = -* ]] || return 1
	_oomwatch_run $command --help | grep -qE -- "^  ($last, --[a-z-]+|(-.,|   ) $last) [A-Z]"
}

# Each form of each option, with what it does.
_oomwatch_options()
{
	local -a options

	options=(${(f)"$(_oomwatch_run $command --help | sed -nE 's/:/\\:/g
		s/^  (-.), (--[a-z-]+)( [A-Z=]+)? +(.*)$/\1:\4\n\2:\4/p
		s/^      (--[a-z-]+)( [A-Z=]+)? +(.*)$/\1:\3/p')"})
	_describe -o -t options option options
}

# IDs of kills in the files of -f, or in the store and the module, with the rest of their lines.
_oomwatch_ids()
{
	local i
	local -a from kills

	for ((i = 2; i < CURRENT - 1; i++)); do
		[[ $words[i] != (-f|--file|--store) ]] || from+=($words[i] ${~words[i+1]})
	done
	kills=(${(f)"$(_oomwatch_run list $from | sed -nE 's/:/\\:/g; s/^ *([0-9][0-9.]*)  (.*)/\1:\2/p')"})
	_describe -V -t kills kill kills
}

_oomwatch_cgroups()
{
	local root=${_oomwatch_cgroup_root:-/sys/fs/cgroup}
	local -a folders

	[[ -e $root/cgroup.controllers || ! -d $root/memory ]] || root+=/memory
	folders=($root${(Q)PREFIX}*(N/))
	folders=(${folders#$root})
	compadd -S '' -a folders
}

_oomwatch_value()
{
	local -a values

	case $words[CURRENT-1] in
	-f | --file | -o | --output) _files; return ;;
	--store) _files -/; return ;;
	--memcg | --if-max) _oomwatch_cgroups; return ;;
	--exec) _command_names -e; return ;;
	--since | --until) values=(10m 1h 1d 7d today yesterday) ;;
	--kind) values=(global memcg cpuset mempolicy) ;;
	--by) values=(cgroup cause victim hour) ;;
	*) _message "$words[CURRENT-1]"; return ;;
	esac
	compadd -a values
}

_oomwatch()
{
	local command

	_oomwatch_find_command
	if _oomwatch_takes_value; then
		_oomwatch_value
	elif [[ -z $command ]]; then
		_oomwatch_commands
	elif [[ $PREFIX = -* ]]; then
		_oomwatch_options
	elif [[ $command = (save|report) ]]; then
		_files
	elif [[ $command = (show|why|json|events|html) ]]; then
		_oomwatch_ids
	fi
}

_oomwatch "$@"
