// What a started world says about itself.
export type WorldFacts = { url: string; localToken: string; setupUrl: string | null; databaseUrl: string; hostileEntryId: string | null };
