// SPDX-License-Identifier: GPL-2.0-only
/*
 * fake_tdx - stands in for the TDX guest driver on a machine without TDX. Test use only.
 *
 * Registers, through the kernel's own tsm-mr and tsm-report cores, the same user ABI (names, modes,
 * sizes) as drivers/virt/coco/tdx-guest:
 *   /dev/tdx_guest                                       TDX_CMD_GET_REPORT0
 *   /sys/devices/virtual/misc/tdx_guest/measurements/    rtmr0..3:sha384, mrtd:sha384, ...
 *   /sys/kernel/config/tsm/report/NAME/                  provider "tdx_guest"
 * The registers are plain memory; quotes are laid out like a version 4 quote with an empty
 * signature. As in the real driver, values that sysfs shows are cached: refreshed by a read after a
 * successful extend, by the ioctl and by a quote.
 */
#include <linux/delay.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tsm-mr.h>
#include <linux/tsm.h>
#include <linux/uaccess.h>
#include <crypto/sha2.h>
#include <uapi/linux/tdx-guest.h>

#define D SHA384_DIGEST_SIZE

/* An errno to answer with, 0 for none, and how often: -1 is for ever, else it counts down. */
#define FAULT(name)                                    \
	static int name##_errno;                       \
	module_param(name##_errno, int, 0644);         \
	static int name##_times = -1;                  \
	module_param(name##_times, int, 0644)

FAULT(extend);		/* refused: the register stays */
FAULT(applied);		/* extended, and then this error */
FAULT(refresh);		/* registers cannot be read */
FAULT(report);		/* no quote */

static int extend_delay_ms;
module_param(extend_delay_ms, int, 0644);
static int report_delay_ms;
module_param(report_delay_ms, int, 0644);
static int deny_below = 2;	/* registers of the firmware: these are refused with ENXIO */
module_param(deny_below, int, 0644);
static ulong extends;		/* done so far */
module_param(extends, ulong, 0444);

static DEFINE_MUTEX(lock);

/* In the order and sizes of TDINFO. */
static struct {
	u8 mrtd[D], mrconfigid[D], mrowner[D], mrownerconfig[D], rtmr[4][D];
} hw, cache;

static int fault(int err, int *times)
{
	if (!err || !*times)
		return 0;
	if (*times > 0)
		--*times;
	return -err;
}

#define FAULT_OF(name) fault(name##_errno, &name##_times)

#define MR(n, h)                                                        \
	.mr_name = #n, .mr_size = D, .mr_hash = HASH_ALGO_SHA384,       \
	.mr_flags = TSM_MR_F_READABLE | (h)

static const struct tsm_measurement_register mrs[] = {
	{ .mr_value = cache.rtmr[0], MR(rtmr0, TSM_MR_F_RTMR) },
	{ .mr_value = cache.rtmr[1], MR(rtmr1, TSM_MR_F_RTMR) },
	{ .mr_value = cache.rtmr[2], MR(rtmr2, TSM_MR_F_RTMR) },
	{ .mr_value = cache.rtmr[3], MR(rtmr3, TSM_MR_F_RTMR) },
	{ .mr_value = cache.mrtd, MR(mrtd, 0) },
	{ .mr_value = cache.mrconfigid, MR(mrconfigid, TSM_MR_F_NOHASH) },
	{ .mr_value = cache.mrowner, MR(mrowner, TSM_MR_F_NOHASH) },
	{ .mr_value = cache.mrownerconfig, MR(mrownerconfig, TSM_MR_F_NOHASH) },
};

static int fake_refresh(const struct tsm_measurements *tm)
{
	int rc;

	mutex_lock(&lock);
	rc = FAULT_OF(refresh);
	if (!rc)
		cache = hw;
	mutex_unlock(&lock);
	return rc;
}

static int fake_extend(const struct tsm_measurements *tm,
		       const struct tsm_measurement_register *mr, const u8 *data)
{
	int rc, i = mr - mrs;
	u8 buf[2 * D];

	if (extend_delay_ms)
		msleep(extend_delay_ms);
	if (i < deny_below)
		return -ENXIO;	/* what TDCALL_INVALID_OPERAND becomes */
	mutex_lock(&lock);
	rc = FAULT_OF(extend);
	if (!rc) {
		memcpy(buf, hw.rtmr[i], D);
		memcpy(buf + D, data, D);
		sha384(buf, sizeof(buf), hw.rtmr[i]);
		extends++;
		rc = FAULT_OF(applied);
	}
	mutex_unlock(&lock);
	return rc;
}

static const struct tsm_measurements tm = {
	.mrs = mrs,
	.nr_mrs = ARRAY_SIZE(mrs),
	.refresh = fake_refresh,
	.write = fake_extend,
};

static long fake_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct tdx_report_req *req;
	long rc = 0;

	if (cmd != TDX_CMD_GET_REPORT0)
		return -ENOTTY;
	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	if (copy_from_user(req->reportdata, (void __user *)arg, TDX_REPORTDATA_LEN)) {
		rc = -EFAULT;
	} else {
		req->tdreport[0] = 0x81; /* REPORTMACSTRUCT: TEE type TDX, report data at 128 */
		memcpy(req->tdreport + 128, req->reportdata, TDX_REPORTDATA_LEN);
		mutex_lock(&lock);
		rc = FAULT_OF(refresh);
		if (!rc)
			cache = hw;
		memcpy(req->tdreport + 512 + 16, &cache, sizeof(cache)); /* TDINFO: mrtd to rtmr3 */
		mutex_unlock(&lock);
		sha384(req->tdreport + 256, 239, req->tdreport + 32); /* of TEE_TCB_INFO */
		sha384(req->tdreport + 512, 512, req->tdreport + 80); /* of TDINFO */
		if (!rc && copy_to_user((void __user *)arg, req, sizeof(*req)))
			rc = -EFAULT;
	}
	kfree(req);
	return rc;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = fake_ioctl,
};
static const struct attribute_group *groups[2];
static struct miscdevice misc = {
	.name = "tdx_guest",
	.minor = MISC_DYNAMIC_MINOR,
	.fops = &fops,
	.groups = groups,
};

#define HEADER 48
#define BODY 584
#define QUOTE_LEN (HEADER + BODY + sizeof(u32)) /* and a signature of 0 bytes */

static int fake_report(struct tsm_report *report, void *data)
{
	int rc;
	u8 *q;

	if (report_delay_ms)
		msleep(report_delay_ms);
	mutex_lock(&lock);
	rc = FAULT_OF(report);
	mutex_unlock(&lock);
	if (rc)
		return rc;
	if (report->desc.inblob_len != TDX_REPORTDATA_LEN)
		return -EINVAL;
	q = kvzalloc(QUOTE_LEN, GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	q[0] = 4;	/* version */
	q[2] = 2;	/* ECDSA P-256 */
	q[4] = 0x81;	/* TEE type TDX */
	mutex_lock(&lock);
	cache = hw;
	memcpy(q + HEADER + 136, &hw, sizeof(hw));
	mutex_unlock(&lock);
	memcpy(q + HEADER + 520, report->desc.inblob, TDX_REPORTDATA_LEN);
	report->outblob = q;
	report->outblob_len = QUOTE_LEN;
	return 0;
}

static bool attr_visible(int n)
{
	return n == TSM_REPORT_GENERATION || n == TSM_REPORT_PROVIDER;
}

static bool bin_visible(int n)
{
	return n == TSM_REPORT_INBLOB || n == TSM_REPORT_OUTBLOB;
}

static const struct tsm_report_ops ops = {
	.name = "tdx_guest",
	.report_new = fake_report,
	.report_attr_visible = attr_visible,
	.report_bin_attr_visible = bin_visible,
};

static int __init fake_init(void)
{
	int rc;

	memset(hw.mrtd, 0x11, D);
	cache = hw;
	groups[0] = tsm_mr_create_attribute_group(&tm);
	if (IS_ERR(groups[0]))
		return PTR_ERR(groups[0]);
	rc = misc_register(&misc);
	if (!rc) {
		rc = tsm_report_register(&ops, NULL);
		if (rc)
			misc_deregister(&misc);
	}
	if (rc)
		tsm_mr_free_attribute_group(groups[0]);
	return rc;
}

static void __exit fake_exit(void)
{
	tsm_report_unregister(&ops);
	misc_deregister(&misc);
	tsm_mr_free_attribute_group(groups[0]);
}

module_init(fake_init);
module_exit(fake_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stand-in for the TDX guest driver's user ABI, for tests");
