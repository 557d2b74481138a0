/** What the pipeline's workers share without a lock, under jcstress. */
package org.micropay.vts.pipeline;
