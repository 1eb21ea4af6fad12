export { type AgreementWithPeople, agreementWithPeople, type OtherScore } from "./agreement-with-people.ts";
export {
  type ImportedRatings,
  importRatings,
  type RatedAnswer,
  type RatedColumn,
  type RatingFile,
} from "./import-ratings.ts";
export {
  correctnessScale,
  type RatingItem,
  type RatingKey,
  type RatingPageOptions,
  ratingPage,
} from "./rating-page.ts";
