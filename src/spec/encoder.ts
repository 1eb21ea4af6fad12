/** Turns texts or pictures into vectors of one space. */
export interface Encoder {
  id: string;
  dimensions: number;
  /** One vector per item, texts first, then images (encoded file bytes). */
  embed(items: { texts?: string[]; images?: Uint8Array[]; signal?: AbortSignal }): Promise<Float32Array[]>;
}
