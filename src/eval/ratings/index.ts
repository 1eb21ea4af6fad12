export { type AgreementWithPeople, agreementWithPeople, type OtherScore } from "./agreement-with-people.ts";
export {
  type ImportedRatings,
  importRatings,
  type RatedAnswer,
  type RatedColumn,
  type RatingFile,
} from "./import-ratings.ts";
export { type RatingItemsOptions, ratingItems } from "./rating-items.ts";
export { parseRatingKey, type RatingKey } from "./rating-key.ts";
export {
  correctnessScale,
  type RatingItem,
  type RatingPageOptions,
  ratingPage,
} from "./rating-page.ts";
