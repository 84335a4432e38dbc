import asyncio, sys, socket
from datetime import timedelta, date
from pathlib import Path
import pytest, uvicorn
from playwright.async_api import async_playwright
from sqlmodel import select, col
from api.browsers import COOKIE
from api.languages import COOKIE as LC
from campaigns.models import CallerId
from campaigns.registers.models import DayOff
from campaigns.tenancy.models import Role, User
from dialer.db import transaction
from tests.browser.chromium import FLAGS, executable
from tests.integration.test_registers import world, browser, sent
OUT=Path("/tmp/wt/pages/.run/shots"); OUT.mkdir(exist_ok=True)
@pytest.mark.timeout(280)
async def test_look(world, browser, clock):
    api=await world.api(Role.MANAGER)
    c=await world.campaign(api, leads=3); await api.post(f"/api/v1/campaigns/{c}/start")
    for n,nm,r in (("+74951110001","Moscow office","RU"),("+78121110002","Petersburg","RU"),("+12125550100","","US-NY")):
        await sent(browser,"/caller-ids",e164=n,display_name=nm,region=r,daily_cap="300")
    await sent(browser,"/trunks",name="west-carrier",max_channels="60",calls_per_s="5")
    await sent(browser,"/days-off",name="Company day",on_date="2026-12-29",every_year="on")
    await sent(browser,"/days-off",name="Victory Day",on_date="2027-05-09",region="RU")
    await sent(browser,"/disposition-sets",name="Debt, usual",source="preset:debt")
    await sent(browser,"/retry-sets",name="Gentle",source="preset:survey")
    async with world.sessions() as s:
        ids=[str(r.id) for r in (await s.exec(select(CallerId))).all()]
    await sent(browser,"/caller-ids/chosen/rested-month",row_id=ids[:1])
    await browser.post("/scripts", data={"name": "Greeting"})
    await browser.post("/forms", data={"name": "Five questions", "language": "en", "region": "US"})
    sock=socket.socket(); sock.bind(("127.0.0.1",0)); port=sock.getsockname()[1]
    server=uvicorn.Server(uvicorn.Config(world.app,log_level="warning",lifespan="off")); task=asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started: await asyncio.sleep(.05)
    url=f"http://127.0.0.1:{port}"
    cookie=browser.cookies.get(COOKIE)
    from axe_playwright_python.base import AXE_SCRIPT
    bad=[]
    async with async_playwright() as p:
        b=await p.chromium.launch(executable_path=executable(),args=list(FLAGS))
        for lang in sys.modules["os"].environ.get("LANGS","en").split(","):
          for w,h in ((390,844),):
            ctx=await b.new_context(viewport={"width":w,"height":h})
            await ctx.add_cookies([{"name":COOKIE,"value":cookie,"url":url},{"name":LC,"value":lang,"url":url}])
            page=await ctx.new_page()
            for name in ("trunks","caller-ids","days-off","disposition-sets","retry-sets","retention","lists","forms","scripts","users"):
                await page.goto(f"{url}/{name}"); 
                await shot(page,name,lang,w,bad)
                if name in ("trunks","caller-ids","days-off","disposition-sets","retry-sets"):
                    a=page.locator(".register .named a").first
                    if await a.count():
                        await a.click(); await page.wait_for_load_state(); await shot(page,name+"-one",lang,w,bad)
            if False:
                await page.goto(f"{url}/caller-ids"); await page.check("input[name=row_id] >> nth=1"); await page.click("text=Rest for a day") if lang=="en" else None
                await page.wait_for_load_state(); await shot(page,"flash",lang,w,bad)
                await page.goto(f"{url}/caller-ids"); await page.click("summary"); await page.fill("#new-e164","12"); await page.fill("#new-region","Russia"); await page.press("#new-region","Enter"); await page.wait_for_load_state(); await shot(page,"faults",lang,w,bad)
        await b.close()
    server.should_exit=True; await task
    print("\n".join(bad)); 
from axe_playwright_python.base import AXE_SCRIPT
async def shot(page,name,lang,w,bad):
    await page.screenshot(path=OUT/f"{name}-{lang}-{w}.png",full_page=True)
    wide=await page.evaluate("document.documentElement.scrollWidth-window.innerWidth")
    if wide>0: bad.append(f"WIDE {name} {lang} {w}: {wide}")
    await page.evaluate(AXE_SCRIPT)
    r=await page.evaluate("axe.run({runOnly:{type:'tag',values:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']},rules:{'target-size':{enabled:true}},resultTypes:['violations']})")
    for v in r["violations"]: bad.append(f"AXE {name} {lang} {w}: {v['id']} "+" | ".join(n['html'][:100] for n in v['nodes'][:3]))
