export {
  type CaseColumn,
  type CaseGalleryOptions,
  type CaseRow,
  type ColumnGallery,
  caseGallery,
  type GalleryCase,
} from "./case-gallery.ts";
