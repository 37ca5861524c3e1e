# SPDX-License-Identifier: GPL-2.0
#
# Completion for oomwatch(8) in fish. The commands and options, and what they do, are those that
# the program's own --help has.

# Runs the program as it was typed.
function __oomwatch_run
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    $program $argv 2>/dev/null
end

# The command; -f may stand before it. Nothing if there is none yet.
function __oomwatch_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case -f --file
                set -e words[1]
            case '-*'
            case '*'
                echo $words[1]
                return 0
        end
        set -e words[1]
    end
    return 1
end

function __oomwatch_commands
    __oomwatch_run --help | string replace -rf '^  ([a-z]+)( .*)?$' '$1'
end

# Each form of each option is a line, with what it does.
function __oomwatch_options
    __oomwatch_run (__oomwatch_command) --help |
        string replace -rf '^  (-.,|   ) (--[a-z-]+)( [A-Z=]+)? +(.*)$' '$1\t$4\n$2\t$4' |
        string replace -a '\t' \t | string split '\n' | string replace -r '^(-.),' '$1' | string match -r '^-.*'
end

# The word before the one that is completed.
function __oomwatch_before
    set -l words (commandline -opc)
    contains -- $words[-1] $argv
end

function __oomwatch_is
    contains -- (__oomwatch_command) $argv
end

# IDs of kills in the files of -f, or in the store and the module, with the rest of their lines.
function __oomwatch_ids
    set -l words (commandline -opc)
    set -l from
    for i in (seq 2 (math (count $words) - 1))
        if contains -- $words[$i] -f --file --store
            set -a from $words[$i] $words[(math $i + 1)]
        end
    end
    __oomwatch_run list $from | string replace -rf '^ *([0-9][0-9.]*)  (.*)$' '$1\t$2' |
        string replace '\t' \t
end

function __oomwatch_cgroups
    set -l root /sys/fs/cgroup
    set -q __oomwatch_cgroup_root; and set root $__oomwatch_cgroup_root
    test -e $root/cgroup.controllers; or test ! -d $root/memory; or set root $root/memory
    for folder in $root(commandline -ct)*/
        string replace -- $root '' (string trim -rc / -- $folder)
    end
end

function __oomwatch_folders
    set -l word (commandline -ct)
    set -l path (string replace -r '^~/' "$HOME/" -- "$word")
    for folder in $path*/
        string replace -- "$path" "$word" $folder
    end
end

# Whether the word before is an option that needs a value.
function __oomwatch_takes_value
    set -l words (commandline -opc)
    set -l last $words[-1]
    contains -- $last -f --file; and return 0
    string match -qr '^--?[a-z-]+$' -- $last; or return 1
    __oomwatch_run (__oomwatch_command) --help |
        string match -qr "^  ($last, --[a-z-]+|(-.,|   ) $last) [A-Z]"
end

complete -c oomwatch -f
complete -c oomwatch -n 'not __oomwatch_command; and not __oomwatch_takes_value' -a '(__oomwatch_commands)'
complete -c oomwatch -n 'not __oomwatch_command; and not __oomwatch_takes_value' -a '-f --help --version'
complete -c oomwatch -n '__oomwatch_command; and not __oomwatch_takes_value; and string match -q -- "-*" (commandline -ct)' \
    -a '(__oomwatch_options)'
complete -c oomwatch -n '__oomwatch_is show why json events html; and not __oomwatch_takes_value' -k -a '(__oomwatch_ids)'
complete -c oomwatch -n '__oomwatch_is save report; and not __oomwatch_takes_value' -F
complete -c oomwatch -n '__oomwatch_before -f --file -o --output' -F
complete -c oomwatch -n '__oomwatch_before --store' -a '(__oomwatch_folders)'
complete -c oomwatch -n '__oomwatch_before --memcg --if-max' -a '(__oomwatch_cgroups)'
complete -c oomwatch -n '__oomwatch_before --exec' -a '(__fish_complete_command)'
complete -c oomwatch -n '__oomwatch_before --since --until' -a '10m 1h 1d 7d today yesterday'
complete -c oomwatch -n '__oomwatch_before --kind' -a 'global memcg cpuset mempolicy'
complete -c oomwatch -n '__oomwatch_before --by' -a 'cgroup cause victim hour'
