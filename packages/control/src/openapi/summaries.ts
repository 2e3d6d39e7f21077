// One line for each procedure: from the verb of its path, or written out where the verb says too little.

const written: Readonly<Record<string, string>> = {
  'session.me': 'Who is asking, what they may call, and where.',
  'setup.status': 'Whether the first Owner is still to be made.',
  'setup.complete': 'Make the first Owner with a one-time link.',
  'setup.issueLink': 'A new one-time link for making the first Owner.',
  'users.resetPassword': 'Give an account a new password and end its sessions.',
  'nodes.keys': 'The keys of nodes, and which of them may open secrets.',
  'nodes.enroll': 'Let a node open secrets.',
  'nodes.remove': 'Let a node open nothing more, and make a new fleet key.',
  'secrets.status': 'The keys that secrets are sealed for, and how many wait to be sealed anew.',
  'secrets.rotateFleetKey': 'A new fleet key for all enrolled nodes.',
  'audit.search': 'Entries of the audit record with what was before and after, newest first.',
  'audit.export': 'Entries of the audit record as lines of a file, oldest first.',
  'audit.chain': 'The links of the audit record, for whoever checks them.',
  'audit.state': 'Whether the audit record is whole, as console and nodes found it.',
  'sources.health': 'Which sources nodes can send through, and what DNS says of their names.',
  'sources.setEnabled': 'Switch a source on or off.',
  'sources.setProxy': 'The proxy that a source goes out through.',
  'pools.setMembers': 'Replace the members of a pool.',
  'providers.resetToPreset': 'Put a provider back to its preset.',
  'limits.use': 'How much of each limit each node uses now.',
  'settings.effective': 'The delivery settings that hold for a piece of mail, and the rule each comes from.',
  'commands.preview': 'What a command would touch now.',
  'commands.issue': 'Tell nodes to do something now: suspend, resume, retry, cancel, bounce, move, drain or flush.',
  'commands.withdraw': 'End a command before its time.',
  'commands.list': 'Commands, and what each node answered.',
  'automations.setMode': 'Switch a rule on or off, or let it only say what it would do.',
  'automations.toPreset': 'Put a rule back to its preset.',
  'automations.active': 'What rules hold now.',
  'automations.act': 'End, pin or let go what a rule holds.',
  'decisions.list': 'What the engines decided by themselves, newest first.',
  'traces.start': 'Show the SMTP sessions of what the scope names, for a time.',
  'traces.stop': 'End a trace before its time.',
  'traces.lines': 'The lines of a trace that came since.',
  'warmUps.setPaused': 'Pause or resume a warm-up plan.',
  'warmUps.act': 'Go on, step back or begin again on the ladders of a plan.',
  'warmUps.schedules': 'The schedules that come along.',
  'warmUps.preview': 'The days of a schedule, or of a table of text; keeps nothing.',
  'queues.list': 'The largest or the oldest queues of all nodes.',
  'queues.explain': 'All that holds one queue, in order, and when it clears.',
  'messages.search': 'Mail by recipient or recipient domain, newest first.',
  'messages.timeline': 'Everything that happened to one entry.',
  'messages.trace': 'Everything that happened to mail for one address.',
  'messages.explain': 'What holds one entry now.',
  'overview.outcomes': 'Outcomes by the minute.',
  'overview.lastEvents': 'The newest events.',
  'nodes.list': 'Every node: what it runs and how it is.',
  'nodes.tlsReports': 'TLS with recipient domains as counted, and the reports that were sent.',
  'live.stream': 'One frame of every node a second, as server-sent events.',
  'config.revisions': 'Numbered changes of the configuration, newest first.',
  'audit.list': 'The audit record, newest first.',
  'credentials.setEnabled': 'Let an SMTP credential sign in, or no longer.',
};

const nouns: Readonly<Record<string, string>> = {
  warmUps: 'warm-up plans',
  settings: 'rules of delivery settings',
  selectors: 'DKIM selectors',
};
const verbs: Readonly<Record<string, (noun: string) => string>> = {
  list: (noun) => `List ${noun}.`,
  get: (noun) => `Show one of the ${noun}.`,
  create: (noun) => `Make one of the ${noun}.`,
  update: (noun) => `Change one of the ${noun}.`,
  delete: (noun) => `Take away one of the ${noun}.`,
};

const apart = (word: string): string => word.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function summaryOf(path: string, type: 'query' | 'mutation' | 'subscription'): string {
  const [resource = '', verb = ''] = path.split('.');
  const noun = nouns[resource] ?? apart(resource);
  return written[path] ?? verbs[verb]?.(noun) ?? `${type === 'mutation' ? 'Change' : 'Ask'} ${noun}: ${apart(verb)}.`;
}
