import { z } from "zod";

/** Address of a store in a spec string. A spec is the name of a column, so no password may stand in it. */
export const storeAddress = z
  .string()
  .min(1)
  .refine((address) => !/^postgres(ql)?:\/\/[^/@]*:[^/@]*@/.test(address), {
    error: "must be without a password, which reports would show; set the variable PGPASSWORD",
  });
