// Every procedure of the API can be reached from the command line by words of its own, or there is a reason why not; and every command
// answers as JSON when asked.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { leavesOf, program } from '../program.ts';

const document = JSON.parse(readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8')) as { paths: object };
const procedures = Object.keys(document.paths).flatMap((path) => (path.startsWith('/api/trpc/') ? [path.slice('/api/trpc/'.length)] : []));

/** Words of the command, or after `-` why there is none: `sluice api` reaches those too. */
const reachedBy: Readonly<Record<string, string>> = {
  'session.me': 'whoami',
  'session.confirm': '- a dialog of the console: a key is never asked again, and a kept login signs in anew',
  'session.list': '- the own sessions of a browser; sluice users sessions shows those of any account',
  'session.revoke': '- the own sessions of a browser; sluice users revoke-session ends those of any account',
  'session.revokeOthers': '- the own sessions of a browser',
  'session.changePassword': '- the own password is changed in the console; sluice users reset-password gives a new one',
  'setup.status': 'doctor',
  'setup.complete': '- the page behind the one-time link does it',
  'setup.issueLink': 'users setup-link',
  'users.create': '- accounts come by invitation: sluice users invite',
  'users.setGrants': 'users personal-data',
  'users.policy': 'users grace',
  'users.setPolicy': 'users grace',
  'secondFactor.status': '- a second factor is enrolled in the console, where its picture is',
  'secondFactor.begin': '- a second factor is enrolled in the console, where its picture is',
  'secondFactor.enable': '- a second factor is enrolled in the console, where its picture is',
  'secondFactor.remove': '- the own second factor; sluice users reset-2fa removes that of any account',
  'secondFactor.renewCodes': '- recovery codes are shown in the console, to whom they belong',
  'invitations.list': 'users invitations',
  'invitations.create': 'users invite',
  'invitations.revoke': 'users revoke-invitation',
  'invitations.accept': '- the page behind the invitation does it',
  'users.resetSecondFactor': 'users reset-2fa',
  'users.setDisabled': 'users disable',
  'keys.grantable': '- what the form of the console offers',
  'sources.setEnabled': 'sources enable',
  'sources.setProxy': 'sources proxy',
  'credentials.setEnabled': 'credentials enable',
  'providers.get': 'providers show',
  'providers.create': 'providers clone',
  'providers.update': 'providers set',
  'providers.resetToPreset': 'providers reset',
  'limits.create': 'limits set',
  'limits.update': 'limits set',
  'settings.list': 'delivery-settings list',
  'settings.effective': 'delivery-settings effective',
  'settings.create': 'delivery-settings set',
  'settings.update': 'delivery-settings set',
  'settings.delete': 'delivery-settings delete',
  'routes.create': 'routes set',
  'routes.update': 'routes set',
  'commands.preview': 'commands issue',
  'commands.purge': 'commands issue',
  'automations.create': 'automations set',
  'automations.update': 'automations set',
  'automations.setMode': 'automations mode',
  'automations.toPreset': 'automations reset',
  'automations.act': 'automations end',
  'decisions.list': 'decisions',
  'traces.start': 'trace',
  'traces.stop': 'trace',
  'traces.list': '- traces of others are on the Traces page',
  'traces.lines': 'trace',
  'warmUps.get': 'warm-ups show',
  'warmUps.update': 'warm-ups set',
  'warmUps.setPaused': 'warm-ups pause',
  'warmUps.act': 'warm-ups skip',
  'messages.search': 'messages search',
  'messages.timeline': 'messages timeline',
  'overview.outcomes': 'outcomes',
  'overview.lastEvents': 'events',
  'config.revisions': 'config log',
  'config.revision': 'config diff',
  'config.sinceLook': '- what is new to oneself is on the Configuration page',
  'config.looked': '- what is new to oneself is on the Configuration page',
  'config.rollBackPlan': 'config rollback',
  'config.rollBack': 'config rollback',
  'config.planText': 'config plan',
  'config.applyText': 'config apply',
  'config.get': 'config show',
  'config.drafts': 'config drafts list',
  'config.draft': 'config drafts show',
  'config.saveDraft': 'config drafts save',
  'config.planDraft': 'config drafts plan',
  'config.publishDraft': 'config drafts publish',
  'config.discardDraft': 'config drafts discard',
  'roles.list': '- a page of the console, and docs/roles.md',
  'audit.list': 'audit search',
  'audit.chain': 'audit verify',
  'audit.state': '- what the console found by itself; sluice audit verify looks for itself',
  'nodes.tlsReports': 'tlsrpt',
  'live.stream': '- a stream of frames for screens; sluice nodes list asks once',
};

/** `sources.setMembers` is `sources set-members` where nothing else is said. */
const wordsOf = (path: string): string =>
  reachedBy[path] ?? path.replace('.', ' ').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const sluice = program();
const leaves = leavesOf(sluice);
const wordsOfLeaf = new Set(
  leaves.map((leaf) => {
    const words: string[] = [];
    for (let at = leaf; at.parent; at = at.parent) words.unshift(at.name());
    return words.join(' ');
  }),
);

test.each(procedures)('%s is reached', (path) => {
  const words = wordsOf(path);
  if (words.startsWith('- ')) expect(words.length).toBeGreaterThan(15);
  else expect([words, wordsOfLeaf.has(words)]).toEqual([words, true]);
});

test('the table names no procedure that is not there', () => {
  expect(Object.keys(reachedBy).filter((path) => !procedures.includes(path))).toEqual([]);
});

test('every command takes --json', () => {
  const without = leaves.filter((leaf) => !leaf.options.some(({ long }) => long === '--json'));
  expect(without.map((leaf) => leaf.name())).toEqual([]);
});

test('no command has an option that the program takes away from it', () => {
  const taken = sluice.options.map(({ long }) => long);
  const twice = leaves.filter((leaf) => leaf.options.some(({ long }) => taken.includes(long)));
  expect(twice.map((leaf) => leaf.name())).toEqual([]);
});
