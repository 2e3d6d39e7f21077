// The grammar of the command line: one file of commands/ for each noun adds its own words. Read by cli.ts, by the shell completion and by
// the test that holds the commands against the procedures of the API.
import { Command } from 'commander';
import { addApiCommand } from './commands/api.ts';
import { addAuditCommands } from './commands/audit.ts';
import { addAutomationCommands } from './commands/automations.ts';
import { addConfigCommands } from './commands/config.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addCommandCommands } from './commands/commands.ts';
import { chooseTarget } from './commands/connection.ts';
import { addDatabaseCommands } from './commands/database.ts';
import { addDecisionCommands } from './commands/decisions.ts';
import { addDeliverySettingCommands } from './commands/delivery-settings.ts';
import { addKeyCommands } from './commands/keys.ts';
import { addDoctorCommand } from './commands/doctor/doctor.ts';
import { addLimitCommands } from './commands/limits.ts';
import { addMessageCommands } from './commands/messages.ts';
import { collectForJson, printCollected } from './commands/outcome.ts';
import { addNodeCommands } from './commands/nodes.ts';
import { addPoolCommands } from './commands/pools.ts';
import { addProviderCommands } from './commands/providers.ts';
import { addQueueCommands } from './commands/queues.ts';
import { addRouteCommands } from './commands/routes.ts';
import { addSecretCommands } from './commands/secrets.ts';
import { addSendCommand } from './commands/send.ts';
import { addSessionCommands } from './commands/session.ts';
import { addSettingsCommand } from './commands/settings.ts';
import { simulation } from './commands/simulate/simulate.ts';
import { egressSources } from './commands/source-commands.ts';
import { addSpoolCommands } from './commands/spool.ts';
import { addStatusCommand } from './commands/status.ts';
import { addSenderCommands, addTenantCommands } from './commands/tenants.ts';
import { addTlsReportCommand } from './commands/tls-reports.ts';
import { addTraceCommand } from './commands/trace-sessions.ts';
import { addUserCommands } from './commands/users.ts';
import { addWarmUpCommands } from './commands/warm-ups.ts';

/** In the order of the help. */
const nouns: readonly ((sluice: Command) => void)[] = [
  addStatusCommand,
  addDoctorCommand,
  addSessionCommands,
  addSettingsCommand,
  addSendCommand,
  addMessageCommands,
  addQueueCommands,
  addNodeCommands,
  addCommandCommands,
  addTraceCommand,
  addAutomationCommands,
  addDecisionCommands,
  addTlsReportCommand,
  addWarmUpCommands,
  addConfigCommands,
  addUserCommands,
  addKeyCommands,
  addAuditCommands,
  addSecretCommands,
  addTenantCommands,
  addSenderCommands,
  addPoolCommands,
  egressSources,
  addDeliverySettingCommands,
  addLimitCommands,
  addRouteCommands,
  addProviderCommands,
  addSpoolCommands,
  simulation,
  addDatabaseCommands,
  addBackupCommands,
  addApiCommand,
  addCompletionCommand,
];

export function program(): Command {
  const sluice = new Command('sluice')
    .description('The command line of Sluice: the installation on this machine, or another by its address and a key')
    .option('--url <address>', 'the installation, if not the one on this machine (or SLUICE_URL)')
    .option('--key <key>', 'API key (better in SLUICE_API_KEY: others on this machine can read arguments)')
    .exitOverride()
    .showHelpAfterError();
  for (const add of nouns) add(sluice);
  const given = leavesOf(sluice).filter((leaf) => !leaf.options.some(({ long }) => long === '--json'));
  for (const leaf of given) leaf.option('--json', 'print JSON: what the API answered');
  sluice.hook('preAction', (_sluice, action) => {
    chooseTarget(sluice.opts<{ url?: string; key?: string }>());
    if (given.includes(action) && action.opts<{ json?: true }>().json) collectForJson();
  });
  sluice.hook('postAction', printCollected);
  return sluice;
}

/** The commands that do something, in the order of the help. */
export function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}
