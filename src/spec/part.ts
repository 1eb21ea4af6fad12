// A Part is one piece of a stored Sample. Media never sit inside it: `source` says where the bytes are and
// `hash` says which bytes they must be. (What a model receives is the AI SDK's prompt, not Parts.)

/** A place for media bytes: a path (relative to the file that holds the Sample), an http(s) URL or a data URL. */
export interface MediaSource {
  source: string;
  /** Content address, `sha256:` and 64 hex digits. Readers that load the bytes check it when present. */
  hash?: string;
  mediaType?: string;
}

export interface TextPart {
  type: "text";
  text: string;
}

export interface ImagePart extends MediaSource {
  type: "image";
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
}

export interface AudioPart extends MediaSource {
  type: "audio";
  durationMs?: number;
}

export interface VideoPart extends MediaSource {
  type: "video";
  durationMs?: number;
}

export type Part = TextPart | ImagePart | AudioPart | VideoPart;
