export { cohenKappa, type KappaOptions } from "./cohen-kappa.ts";
export { type AlphaLevel, krippendorffAlpha } from "./krippendorff-alpha.ts";
export { type Agreement, percentAgreement } from "./percent-agreement.ts";
