import { z } from 'zod';

/* What is read of GitHub's answers; everything else in them is left alone. */

const permissions = z.record(z.string(), z.string());
export type Permissions = Readonly<Record<string, string>>;

export const userShape = z.object({ login: z.string() });

export const appShape = z.object({ slug: z.string(), permissions, events: z.array(z.string()) });

export const installationShape = z.object({ permissions, suspended_at: z.string().nullish() });

export const repositoryShape = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  archived: z.boolean().nullish(),
  /** What the token's user may do there. */
  permissions: z.object({ push: z.boolean().nullish(), admin: z.boolean().nullish() }).nullish(),
});

export const environmentsShape = z.object({
  total_count: z.int(),
  environments: z.array(z.object({ name: z.string() })),
});

const hookConfig = z.object({
  url: z.string().nullish(),
  content_type: z.string().nullish(),
  insecure_ssl: z.union([z.string(), z.number()]).nullish(),
});

export const hooksShape = z.array(
  z.object({ id: z.int(), active: z.boolean(), events: z.array(z.string()), config: hookConfig }),
);

export const appHookShape = hookConfig;

export const deliveriesShape = z.array(
  z.object({
    delivered_at: z.string(),
    event: z.string(),
    /** `OK`, `timed out`, `failed to connect to host`, … */
    status: z.string(),
    status_code: z.number().nullish(),
  }),
);
