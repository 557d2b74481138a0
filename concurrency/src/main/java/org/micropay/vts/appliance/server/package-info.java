/** What the appliance's threads share without a lock, under jcstress. */
package org.micropay.vts.appliance.server;
