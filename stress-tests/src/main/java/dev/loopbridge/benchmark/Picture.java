package dev.loopbridge.benchmark;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The picture that thumbnails are made of, and how Java makes them. */
final class Picture {

  static final int THUMBNAIL_WIDTH = 200;

  private static final int WIDTH = 1600;
  private static final int HEIGHT = 1200;
  private static final int NOISE = 24;

  /** The same as in the crate {@code thumbnails}. */
  private static final float QUALITY = 0.85f;

  private Picture() {}

  /** Returns a JPEG file: a gradient with noise, the same each time. */
  static byte[] jpeg() throws IOException {
    Random noise = new Random(1);
    BufferedImage pixels = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int grain = noise.nextInt(NOISE);
        int red = x * (256 - NOISE) / WIDTH + grain;
        int green = y * (256 - NOISE) / HEIGHT + grain;
        int blue = (x + y) * (256 - NOISE) / (WIDTH + HEIGHT) + grain;
        pixels.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return encode(pixels);
  }

  /** Returns a JPEG file of {@link #THUMBNAIL_WIDTH}, made in memory only. */
  static byte[] thumbnail(byte[] file) throws IOException {
    BufferedImage large =
        ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(file)));
    if (large == null) {
      throw new IOException("not a picture that ImageIO can read");
    }
    int height =
        Math.max(1, Math.round((float) large.getHeight() * THUMBNAIL_WIDTH / large.getWidth()));
    BufferedImage small = new BufferedImage(THUMBNAIL_WIDTH, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(large, 0, 0, THUMBNAIL_WIDTH, height, null);
    } finally {
      graphics.dispose();
    }
    return encode(small);
  }

  private static byte[] encode(BufferedImage pixels) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(file)) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(QUALITY);
      writer.setOutput(output);
      writer.write(null, new IIOImage(pixels, null, null), settings);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }
}
