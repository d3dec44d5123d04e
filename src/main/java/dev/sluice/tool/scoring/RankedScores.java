package dev.sluice.tool.scoring;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The scores that one label got, counted apart for the examples that had it and those that had not;
 * their area under the ROC curve is the Mann-Whitney statistic (Hanley and McNeil 1982).
 *
 * <p>Memory is bounded: scores are counted in bins, between each power of two and the next one
 * equally many, and between 1/2 and 1 by their distance from 1, so that small differences count
 * near both ends of a probability's range. Two scores of one bin are taken for a tie. Where such
 * scores are equal that is right; where they are not it is wrong by half a pair at most, so {@link
 * #aucError()} bounds the difference to the exact area, whatever the scores are. Scores beyond
 * 2<sup>±64</sup>, or 2<sup>±16</sup> of many at once, share a bin at each end.
 */
final class RankedScores {

  private static final int MOST_BITS = 12;
  private static final int LEAST_BITS = 4;
  private static final int MOST_EXPONENT = 64;
  private static final int MANY = 64;
  private static final int MOST_EXPONENT_OF_MANY = 16;
  private static final int MANTISSA_BITS = 52;

  // In ascending order of the scores; a page's number is one of these and an exponent.
  private static final int NEGATIVE = 500;
  private static final int TO_A_HALF = 1_000;
  private static final int TO_ONE = 2_000;
  private static final int BEYOND_ONE = 3_000;

  private final int bits;
  private final int mostExponent;
  private final TreeMap<Integer, Page> pages = new TreeMap<>();
  private long positives;
  private long negatives;

  /** The scores between two powers of two. */
  private static final class Page {
    private final long[] with;
    private final long[] without;

    /** The one score of each bin; NaN for several. */
    private final double[] score;

    Page(int bins) {
      with = new long[bins];
      without = new long[bins];
      score = new double[bins];
    }

    void add(int bin, double added, boolean positive) {
      if (with[bin] + without[bin] == 0) {
        score[bin] = added;
      } else if (score[bin] != added) {
        score[bin] = Double.NaN;
      }
      (positive ? with : without)[bin]++;
    }
  }

  /**
   * @param atOnce how many of these share the memory; the more, the coarser each
   */
  RankedScores(int atOnce) {
    int shared = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, atOnce) - 1);
    bits = Math.max(LEAST_BITS, MOST_BITS - shared);
    mostExponent = atOnce < MANY ? MOST_EXPONENT : MOST_EXPONENT_OF_MANY;
  }

  void add(double score, boolean positive) {
    double positiveZero = score + 0.0; // -0.0 is the same score
    pages
        .computeIfAbsent(page(positiveZero), p -> new Page(1 << bits))
        .add(bin(positiveZero), positiveZero, positive);
    if (positive) {
      positives++;
    } else {
      negatives++;
    }
  }

  /** The page of a score, greater for a greater score. */
  int page(double score) {
    if (score < 0) {
      return NEGATIVE - exponent(-score);
    } else if (score <= 0.5) {
      return TO_A_HALF + exponent(score);
    } else if (score <= 1) {
      return TO_ONE - exponent(1 - score);
    }
    return BEYOND_ONE + exponent(score);
  }

  /** The bin of a score within its page, greater for a greater score. */
  int bin(double score) {
    if (score < 0) {
      return (1 << bits) - 1 - mantissa(-score);
    } else if (score > 0.5 && score <= 1) {
      return (1 << bits) - 1 - mantissa(1 - score); // exact, by Sterbenz's lemma
    }
    return mantissa(score);
  }

  private int exponent(double magnitude) {
    int exponent = Math.getExponent(magnitude);
    return Math.max(-mostExponent - 1, Math.min(mostExponent + 1, exponent));
  }

  private int mantissa(double magnitude) {
    if (Math.abs(Math.getExponent(magnitude)) > mostExponent) {
      return 0;
    }
    long all = Double.doubleToRawLongBits(magnitude) & ((1L << MANTISSA_BITS) - 1);
    return (int) (all >>> (MANTISSA_BITS - bits));
  }

  /** How many bins there are, empty ones among them. */
  int bins() {
    return pages.size() << bits;
  }

  /**
   * The chance that an example with the label scored higher than one without, ties counting half;
   * empty if there is none of either.
   */
  OptionalDouble auc() {
    if (positives == 0 || negatives == 0) {
      return OptionalDouble.empty();
    }
    double halves = 0;
    double below = 0;
    for (Map.Entry<Integer, Page> entry : pages.entrySet()) {
      Page page = entry.getValue();
      for (int bin = 0; bin < page.with.length; bin++) {
        halves += page.with[bin] * (2 * below + page.without[bin]);
        below += page.without[bin];
      }
    }
    return OptionalDouble.of(halves / 2 / positives / negatives);
  }

  /** By how much the area may differ from the exact one; 0 if it is exact. */
  double aucError() {
    if (positives == 0 || negatives == 0) {
      return 0;
    }
    double pairs = 0;
    for (Page page : pages.values()) {
      for (int bin = 0; bin < page.with.length; bin++) {
        if (Double.isNaN(page.score[bin])) {
          pairs += (double) page.with[bin] * page.without[bin];
        }
      }
    }
    return pairs / 2 / positives / negatives;
  }
}
