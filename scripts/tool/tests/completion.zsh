# SPDX-License-Identifier: GPL-2.0
# Prints what zsh completes at the end of the line $1, one match a line, for completion.test. An inner
# zsh gets the line and a tab on a terminal of zsh/zpty. What it hands to compadd is kept in a file.

# Where its modules are, if that is not where it looks for them. The environment has no such variable.
[[ -z $ZSH_MODULES ]] || module_path=($ZSH_MODULES)
zmodload zsh/zpty || exit
found=$(mktemp)

# The inner zsh makes the file FOUND.done when it has read so far.
wait_for()
{
	local i

	for ((i = 0; i < 300; i++)); do
		if [[ -e $found.done ]]; then
			rm $found.done
			return
		fi
		sleep 0.1
	done
	print -u2 "zsh did not answer"
	exit 1
}

zpty inner zsh -f -i
tell() { zpty -w inner "$1" }
[[ -z $ZSH_MODULES ]] || tell "module_path=($ZSH_MODULES)"
tell "fpath=($COMPLETION_DIR \$fpath) path=($PROGRAM_DIR \$path) PS1="
tell "autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' insert-tab false"
tell "compadd() { local -a all; builtin compadd -O all \"\$@\"; print -rl -- \$all >>$found; builtin compadd \"\$@\" }"
tell "tell_done() { : >$found.done }; zle -N tell_done; bindkey '^X' tell_done"
zpty -w -n inner $'\x18'
wait_for
zpty -w -n inner "$1"$'\t\x18'
wait_for
sort -u $found | grep .
zpty -d inner
rm -f $found
