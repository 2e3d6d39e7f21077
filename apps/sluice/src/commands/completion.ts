// `sluice completion bash|zsh|fish`: completion of words and options, made from the grammar itself. The script holds the whole tree, so
// that pressing Tab starts nothing.
import type { Command } from 'commander';
import { CommandFailure, exitCodes, print } from './outcome.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

interface Place {
  /** Words up to here, `queues explain`; empty at the top. */
  readonly words: string;
  readonly commands: readonly { name: string; description: string }[];
  readonly options: readonly { long: string; description: string }[];
}

/** Every place in the tree at which something can be completed. */
export function placesOf(command: Command, words: readonly string[] = []): Place[] {
  const own: Place = {
    words: words.join(' '),
    commands: command.commands.map((one) => ({ name: one.name(), description: one.description() })),
    options: command.options.flatMap(({ long, description }) => (long ? [{ long, description }] : [])),
  };
  return [own, ...command.commands.flatMap((one) => placesOf(one, [...words, one.name()]))];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(places: readonly Place[]): string {
  const cases = places.map(({ words, commands, options }) => {
    const offered = [...commands.map(({ name }) => name), ...options.map(({ long }) => long)];
    return `    ${quoted(words)}) offered=${quoted(offered.join(' '))} ;;`;
  });
  return `_sluice() {
  local words='' known=${quoted(places.map(({ words }) => `|${words}|`).join(''))} word offered=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$known" in *"|\${words:+$words }$word|"*) words="\${words:+$words }$word" ;; esac
  done
  case "$words" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sluice sluice
`;
}

function zsh(places: readonly Place[]): string {
  const colon = (text: string): string => text.replaceAll(':', '\\:');
  const cases = places.map(({ words, commands, options }) => {
    const offered = [
      ...commands.map(({ name, description }) => `${name}:${colon(description)}`),
      ...options.map(({ long, description }) => `${long}:${colon(description)}`),
    ];
    return `    ${quoted(words)}) offered=(${offered.map(quoted).join(' ')}) ;;`;
  });
  return `#compdef sluice
_sluice() {
  local at='' known=${quoted(places.map(({ words }) => `|${words}|`).join(''))} word
  local -a offered
  for word in "\${words[@]:1:CURRENT-2}"; do
    [[ "$known" == *"|\${at:+$at }$word|"* ]] && at="\${at:+$at }$word"
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'sluice' offered || _files
}
compdef _sluice sluice
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ words, commands, options }) => {
    const here = `-n ${quoted(`__sluice_at ${quoted(words)}`)}`;
    return [
      ...commands.map(({ name, description }) => `complete -c sluice -f ${here} -a ${quoted(name)} -d ${quoted(description)}`),
      ...options.map(({ long, description }) => `complete -c sluice ${here} -l ${quoted(long.slice(2))} -d ${quoted(description)}`),
    ];
  });
  return `set -g __sluice_known ${places.map(({ words }) => quoted(words)).join(' ')}
function __sluice_at
  set -l at ''
  for word in (commandline -opc)[2..]
    set -l longer (string trim -- "$at $word")
    contains -- $longer $__sluice_known; and set at $longer
  end
  test "$at" = (string trim -c "'" -- "$argv")
end
${lines.join('\n')}
`;
}

const writers: Readonly<Record<(typeof shells)[number], (places: readonly Place[]) => string>> = { bash, zsh, fish };

export function completionScript(shell: string, sluice: Command): string {
  const known = shells.find((one) => one === shell);
  if (!known) throw new CommandFailure(`a shell is one of ${shells.join(', ')}`, exitCodes.usage);
  return writers[known](placesOf(sluice));
}

export function addCompletionCommand(sluice: Command): void {
  sluice
    .command('completion')
    .description('the completion script of a shell: source <(sluice completion bash)')
    .argument('<shell>', shells.join(', '))
    .action((shell: string) => print(completionScript(shell, sluice).trimEnd()));
}
