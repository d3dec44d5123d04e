package dev.sluice.job;

import dev.sluice.model.ModelState;
import dev.sluice.state.CachedValue;
import dev.sluice.state.KeyCache;
import java.io.IOException;

/** A key's model and its pending halves, as far as they are in memory. */
final class CachedKey extends KeyCache.Entry<String> {

  /** Objects and the places in the cache, but for the letters of the key. */
  private static final int OBJECTS = 400;

  private final String key;
  private final CachedValue<ModelState> model;
  private final KeyHalves halves;

  CachedKey(String key, CachedValue<ModelState> model, KeyHalves halves) {
    super(key);
    this.key = key;
    this.model = model;
    this.halves = halves;
  }

  CachedValue<ModelState> model() {
    return model;
  }

  KeyHalves halves() {
    return halves;
  }

  @Override
  protected long bytes() {
    ModelState inMemory = model.inMemory();
    return OBJECTS + 2L * key.length() + (inMemory == null ? 0 : inMemory.bytes()) + halves.bytes();
  }

  @Override
  protected long spareBytes() {
    return halves.halfBytes();
  }

  @Override
  protected boolean isDirty() {
    return model.isDirty() || halves.isDirty();
  }

  @Override
  protected void writeBack() throws IOException {
    model.writeBack();
    try {
      halves.writeBack();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("what is pending of key (" + key + ") can't be written", e);
    }
  }

  @Override
  protected void dropSpare() {
    halves.dropWritten();
  }
}
