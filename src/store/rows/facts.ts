/** A row whose facts are JSON; escapes in it keep every text, lone surrogates included. */
export interface Facts {
  facts: string;
}

export const parsed = <T>(row: Facts | undefined): T | undefined => row && (JSON.parse(row.facts) as T);
export const allParsed = <T>(rows: Facts[]): T[] => rows.map((row) => JSON.parse(row.facts) as T);
